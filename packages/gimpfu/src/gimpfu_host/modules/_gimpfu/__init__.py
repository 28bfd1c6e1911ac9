"""What the public modules (gimpfu, gimp, gimpenums, …) are made of; see DESIGN.md."""
