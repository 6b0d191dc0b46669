"""Images of a hospital, brought into one strict form: the image set."""
