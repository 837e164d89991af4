// The same verbs in coroutines: many callers share one store and one thread.

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <bytestore/async.hpp>
#include <bytestore/open.hpp>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

namespace asio = boost::asio;
using bytestore::Bytes;
using bytestore::ByteStore;
using bytestore::Entry;

asio::awaitable<void> client(ByteStore& store, int number) {
  const std::string key = "client:" + std::to_string(number);
  std::vector<Entry> entries;
  entries.push_back({key, Bytes::copy("was here")});
  co_await store.amset(std::move(entries), asio::use_awaitable);

  std::vector<std::string> keys;
  keys.push_back(key);
  const auto values = co_await store.amget(std::move(keys), asio::use_awaitable);
  const auto& value = values.at(0);  // empty where the key is absent
  if (!value || value->view() != "was here") throw std::runtime_error(key + " was lost");
}

asio::awaitable<void> list(ByteStore& store) {
  int count = 0;
  auto stream = store.ayield_keys({.prefix = "client:"});
  while (co_await stream.next(asio::use_awaitable)) ++count;
  std::cout << count << " clients were here\n";
}

int main() try {
  const auto rethrow = [](const std::exception_ptr& error) {
    if (error) std::rethrow_exception(error);
  };
  asio::io_context context;
  const auto store = bytestore::open("memory:");
  for (int i = 0; i < 200; ++i) co_spawn(context, client(*store, i), rethrow);
  context.run();

  context.restart();
  co_spawn(context, list(*store), rethrow);
  context.run();
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
