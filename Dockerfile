# syntax=docker/dockerfile:1
# The gateway as an image: one program, no shell needed to run it, not root.
#
#   docker build --tag dragoman .
#   docker run --publish 6432:6432 --volume ./dragoman.toml:/etc/dragoman/dragoman.toml:ro dragoman
#
# Not built on the project's own build machines, which have no container engine: the commands are
# the ones `make` runs there, the image around them is untried.

FROM node:22-slim AS console
WORKDIR /src/ui
COPY ui/package.json ui/package-lock.json ui/.npmrc ./
RUN --mount=type=cache,target=/root/.npm,sharing=locked npm ci --ignore-scripts
COPY ui .
COPY docs/guide ../docs/guide
RUN npm run build

FROM rust:1.95-slim-bookworm AS build
# The image brings the toolchain rust-toolchain.toml names, without clippy and rustfmt: say so, or
# rustup fetches them for nothing.
ENV RUSTUP_TOOLCHAIN=1.95.0
WORKDIR /src
COPY . .
# The console's files become part of the program.
COPY --from=console /src/ui/dist ui/dist
# The server's own grammar is a C library: its headers are read with libclang.
RUN apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends libclang-dev clang \
 && rm -rf /var/lib/apt/lists/*
# The registry and the target directory are kept between builds; the program is copied out of the
# mount, which is not part of the image.
RUN --mount=type=cache,target=/usr/local/cargo/registry,sharing=locked \
    --mount=type=cache,target=/src/target,sharing=locked \
    cargo build --release --locked --bin dragoman \
 && install -D target/release/dragoman /out/dragoman \
 && install -d -m 0700 /out/state

FROM debian:bookworm-slim
LABEL org.opencontainers.image.title="dragoman" \
      org.opencontainers.image.description="A gateway that sees, judges, times and records every statement between applications and their databases" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /out/dragoman /usr/local/bin/dragoman
# The ledger and other state: mount a volume here that outlives the container.
COPY --from=build --chown=65532:65532 /out/state /var/lib/dragoman
USER 65532:65532
WORKDIR /var/lib/dragoman
VOLUME /var/lib/dragoman
# 6432 serves PostgreSQL clients, 9432 serves /healthz, /readyz and /metrics.
EXPOSE 6432 8432 9432
# bash is part of the base image and speaks enough HTTP for one line; curl would be a package more.
HEALTHCHECK --interval=10s --timeout=3s --start-period=5s --retries=3 \
  CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/9432 && printf 'GET /healthz HTTP/1.1\\r\\nhost: localhost\\r\\nconnection: close\\r\\n\\r\\n' >&3 && read -r -t 2 line <&3 && [[ $line == *' 200 '* ]]"]
# SIGTERM lets sessions end and the ledger flush.
STOPSIGNAL SIGTERM
ENTRYPOINT ["/usr/local/bin/dragoman"]
CMD ["serve", "--config", "/etc/dragoman/dragoman.toml"]
