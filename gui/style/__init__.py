"""How the window looks: colours, fonts, panels, tabs."""
