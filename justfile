# `just` lists what there is. Every recipe is a plain cargo command: nothing here is needed to build or to test.

_default:
    @just --list

# Build the program for use: target/release/rollcall
build:
    cargo build --release -p rollcall

# Run every test
test:
    cargo test --workspace

# Run the demo
demo *arguments:
    cargo run --release -p rollcall -- demo {{ arguments }}

# Format the code
fmt:
    cargo fmt --all

# What CI asks of the code before it runs the tests
lint:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings

# Build the crates' documentation, a warning an error
doc:
    RUSTDOCFLAGS="-D warnings" cargo doc --no-deps --workspace

# Licences, sources and banned crates (needs cargo-deny: cargo install --locked cargo-deny)
deny:
    cargo deny --log-level error check bans licenses sources

# Everything that CI does
ci:
    .ci/run
