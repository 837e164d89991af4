/// Makes calls, all at once, of a server that answers nothing, and says what they cost:
///
///   waiting_calls URI COUNT
///
/// Half of the calls read a key, half write a value of 1,000 bytes. It prints "open" when the store
/// is open, begins the calls when it has read a line, and prints
/// `KILOBYTES SUCCEEDED FAILED UNKNOWN OTHER`: how much more memory was resident at most while they
/// waited, with what they were given, and how they ended.

#include <boost/asio/bind_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <exception>
#include <fstream>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>

#include "bytestore/async.hpp"
#include "bytestore/open.hpp"

namespace {

namespace asio = boost::asio;

/// A figure of this process in kilobytes: "VmRSS:", or "VmHWM:", the most that it was.
long kilobytes(const std::string& what) {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    long figure = 0;
    if (word == what && status >> figure) return figure;
  }
  throw std::runtime_error("the system does not tell " + what);
}

struct Ends {
  int succeeded = 0;
  int failed = 0;
  int unknown = 0;
  int other = 0;

  void add(const std::exception_ptr& error) {
    try {
      if (!error) {
        ++succeeded;
        return;
      }
      std::rethrow_exception(error);
    } catch (const bytestore::BatchError& batch) {
      ++(batch.failures().front().outcome == bytestore::Outcome::failed ? failed : unknown);
    } catch (const std::exception&) {
      ++other;
    }
  }
};

void run(const std::string& uri, int count) {
  const auto store = bytestore::open(uri);
  store->mset({{"key", bytestore::Bytes::copy(std::string(1'000, 'v'))}});
  std::cout << "open" << std::endl;
  std::string line;
  std::getline(std::cin, line);
  const long before = kilobytes("VmRSS:");
  asio::io_context context;
  Ends ends;
  for (int i = 0; i != count; ++i) {
    auto token = asio::bind_executor(
        context, [&ends](const std::exception_ptr& error, auto&&...) { ends.add(error); });
    auto key = "key " + std::to_string(i);
    if (i % 2 == 0) {
      store->amget({std::move(key)}, std::move(token));
    } else {
      store->amset({{std::move(key), bytestore::Bytes::copy(std::string(1'000, 'v'))}},
                   std::move(token));
    }
  }
  context.run();
  std::cout << kilobytes("VmHWM:") - before << ' ' << ends.succeeded << ' ' << ends.failed << ' '
            << ends.unknown << ' ' << ends.other << std::endl;
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 3) throw std::runtime_error("usage: waiting_calls URI COUNT");
  run(argv[1], std::stoi(argv[2]));
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
