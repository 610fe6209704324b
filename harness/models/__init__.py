"""The networks: plain `torch.nn.Module`s whose every random draw the trainer controls."""
