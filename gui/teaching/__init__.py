"""Teaching the network the user's handwriting: labelled drawings, and fine-tuning on them."""
