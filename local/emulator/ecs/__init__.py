"""ECS tasks as real processes, and load balancers that reach them."""
