"""What the layers are made of: checks of arguments, random bytes, masks, frames."""
