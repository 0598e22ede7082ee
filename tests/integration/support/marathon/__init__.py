"""What stands for Marathon and Mesos in tests: it checks definitions of apps, and runs them."""
