"""Zhang, Bengio, Hardt, Recht & Vinyals 2017: Understanding deep learning requires rethinking generalization."""
