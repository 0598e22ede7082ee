"""The whole suite on five hosts, hurt at random from a seed, and judged: what was promised to its clients is there."""
