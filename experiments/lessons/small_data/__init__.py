"""The lesson on dropout and augmentation."""
