// int8_golden
