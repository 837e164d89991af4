#include <bytestore/open.hpp>

int main() {
  const auto store = bytestore::open("memory:");
  store->mset({{"key", bytestore::as_bytes("value")}});
  const auto values = store->mget({"key"});
  return values.size() == 1 && values[0] && values[0]->view() == "value" ? 0 : 1;
}
