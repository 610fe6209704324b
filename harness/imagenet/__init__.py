"""Inception v3 on ImageNet: trained by torchrun on many devices, since no session of pytest waits for days."""
