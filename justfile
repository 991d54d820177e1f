# The steps are in .ci/run, so that what is run by hand and what is run for every change cannot differ.

# What there is
default:
    @just --list

# Formatting, schema and lints: a minute, before every commit
check:
    .ci/run format proto lint

# All tests; with words, only those whose names hold them
test *names:
    {{ if names == "" { ".ci/run test" } else { "cargo test -- " + names } }}

# Serves from ./data; more arguments go to the server
run *arguments:
    cargo run -- {{ arguments }}

# What the engines can do on this machine; compare with docs only what was measured on the same one
bench *arguments:
    cargo bench {{ arguments }}

# The built server, called from outside
session:
    .ci/run session

# The container image, fetching base images that are missing
container:
    deploy/check-container.sh --pull

# Rewrites what is made from the code: docs/configuration.md and the formatting
update:
    cargo fmt
    buf format --write
    UPDATE_DOCS=1 cargo test --test config

# Everything that must hold for a change
ci:
    .ci/run
