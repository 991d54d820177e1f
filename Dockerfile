# The server on an image without a shell.
#
#   docker build -t claimdb .
#   docker run --read-only -p 50051:50051 -v claimdb:/data claimdb
#
# deploy/check-container.sh builds it and checks what is promised here; docs/operations.md says how to run it.

ARG RUST_IMAGE=docker.io/library/rust:1.95-slim-bookworm
# Of the builder's Debian release: the binary is linked against its libc.
ARG RUNTIME_IMAGE=gcr.io/distroless/cc-debian12:nonroot

FROM ${RUST_IMAGE} AS build
WORKDIR /build

# The dependencies in a layer of their own, which stays until one of these two files changes. Tests, benchmarks and
# examples are not part of the image, so their entries go: cargo refuses a manifest that names a file it cannot find.
# The last step drops what was made of the empty sources: cargo goes by modification time, and the real sources can be
# older than this layer.
COPY Cargo.toml Cargo.lock ./
RUN awk '/^\[/ { dropped = ($0 ~ /^\[\[(test|bench|example)\]\]/) } !dropped' Cargo.toml > kept.toml \
    && mv kept.toml Cargo.toml \
    && mkdir src \
    && touch src/lib.rs \
    && echo 'fn main() {}' | tee src/main.rs > build.rs \
    && cargo build --release --locked \
    && cargo clean --release --package claimdb \
    && rm -r src build.rs

COPY build.rs ./
COPY proto proto
COPY src src
# The directory for the data is writable by everyone, since nobody knows here which user will run the server, and the
# runtime image has no shell to change that later. It is not sticky: in a sticky directory the kernel may refuse to open
# a file that another user made, even to root.
RUN cargo build --release --locked \
    && mkdir -p /image/data \
    && chmod 0777 /image/data

FROM ${RUNTIME_IMAGE}
# The parent is copied, so that the mode of the directory is kept.
COPY --from=build /image/ /
COPY LICENSE /usr/share/doc/claimdb/LICENSE
COPY --from=build /build/target/release/claimdb /usr/local/bin/claimdb

# All addresses: nothing reaches a container that its operator has not published. There is no authentication yet, so
# publish the port to trusted networks only.
ENV CLAIMDB_LISTEN=0.0.0.0:50051 \
    CLAIMDB_DATA_DIR=/data
EXPOSE 50051
VOLUME /data
# By number: Kubernetes cannot tell that a named user is not root. Any other user works as well.
USER 65532:65532
STOPSIGNAL SIGTERM
# Readiness. The long start period keeps an orchestrator from restarting a server that is still opening a big store.
HEALTHCHECK --interval=10s --timeout=5s --start-period=5m --retries=3 CMD ["/usr/local/bin/claimdb", "health"]
ENTRYPOINT ["/usr/local/bin/claimdb"]

# Last, since they change with every build.
ARG VERSION=unknown
ARG REVISION=unknown
LABEL org.opencontainers.image.title="claimdb" \
      org.opencontainers.image.description="A claim database as a gRPC service" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
