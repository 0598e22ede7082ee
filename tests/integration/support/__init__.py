"""The furniture of the integration tests: real servers, started on ports of the kernel's choice and always removed again."""
