//! The `rollcall` program.

/// Records and their texts are made and dropped by the million: a quarter of a sync was spent in the system's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    rollcall::main()
}
