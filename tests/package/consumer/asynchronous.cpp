#include <boost/asio/use_future.hpp>
#include <bytestore/async.hpp>
#include <bytestore/open.hpp>

int main() {
  const auto store = bytestore::open("memory:");
  store->mset({{"key", bytestore::as_bytes("value")}});
  const auto values = store->amget({"key"}, boost::asio::use_future).get();
  return values.size() == 1 && values[0] && values[0]->view() == "value" ? 0 : 1;
}
