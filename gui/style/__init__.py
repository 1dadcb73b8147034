"""How the window looks: its colours and fonts, panels, buttons, tabs and messages."""
