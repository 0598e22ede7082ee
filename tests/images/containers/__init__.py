"""Images of the Dockerfiles, built and run without a container engine: Debian's buildah builds them, unshare runs them."""
