"""What the lessons share besides the science: sentences, playground, exercises, start page."""
