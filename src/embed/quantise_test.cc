// quantise
