// int8_embedder
