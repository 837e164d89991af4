fn main() {
    cxx_build::bridge("src/bridge.rs")
        .std("c++20")
        .include("include")
        .compile("bytestore_bridge");
    println!("cargo:rerun-if-changed=include/bytestore_driver");
}
