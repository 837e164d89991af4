/// Opens a store and ends it again with calls under way, over and over, and says what is left of
/// it:
///
///   lifetimes URI COUNT
///
/// Each store gets eight calls at once, of which some are cancelled at random moments, and is
/// destroyed at a random moment, mostly before all are done. The handler of each call must be
/// called exactly once. It prints ten lines `LIVES THREADS DESCRIPTORS KILOBYTES SUCCEEDED FAILED`:
/// what the process holds after so many stores, of which memory is what is resident, and how all
/// calls until then ended.

#include <unistd.h>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <list>
#include <memory>
#include <optional>
#include <random>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "bytestore/async.hpp"
#include "bytestore/open.hpp"

namespace {

namespace asio = boost::asio;
using bytestore::ByteStore;

constexpr int kCalls = 8;
constexpr int kKeysOfCall = 20;

class Life {
 public:
  Life(const std::string& uri, std::mt19937& random)
      : random_(random), store_(bytestore::open(uri)) {}

  void run() {
    for (int i = 0; i != kCalls; ++i) begin(i);
    wait_at_random();
    for (auto& signal : signals_) {
      if (chance(3)) signal.emit(asio::cancellation_type::total);
    }
    wait_at_random();
    store_.reset();
    context_.run();
    if (ended_.size() != kCalls) throw std::runtime_error("a handler was not called");
  }

  [[nodiscard]] int succeeded() const noexcept { return succeeded_; }

 private:
  bool chance(int one_in) { return std::uniform_int_distribution(1, one_in)(random_) == 1; }

  /// Up to 5 ms, and often not at all.
  void wait_at_random() {
    if (chance(2)) return;
    const std::chrono::microseconds time(std::uniform_int_distribution(0, 5'000)(random_));
    context_.run_for(time);
    context_.restart();
  }

  void begin(int number) {
    auto handler = [this, number](const std::exception_ptr& error, auto&&...) {
      if (!ended_.insert(number).second) throw std::runtime_error("a handler was called twice");
      if (!error) ++succeeded_;
    };
    auto token = asio::bind_cancellation_slot(signals_.emplace_back().slot(),
                                              asio::bind_executor(context_, std::move(handler)));
    std::vector<std::string> keys;
    for (int i = 0; i != kKeysOfCall; ++i) keys.push_back("key " + std::to_string(i));
    if (number % 2 == 0) {
      store_->amget(std::move(keys), std::move(token));
      return;
    }
    std::vector<bytestore::Entry> entries;
    for (auto& key : keys) {
      entries.push_back({std::move(key), bytestore::Bytes::copy(std::string(1'000, 'v'))});
    }
    store_->amset(std::move(entries), std::move(token));
  }

  std::mt19937& random_;
  asio::io_context context_;
  std::list<asio::cancellation_signal> signals_;
  std::unique_ptr<ByteStore> store_;
  std::set<int> ended_;
  int succeeded_ = 0;
};

auto count_of(const char* folder) {
  return std::distance(std::filesystem::directory_iterator(folder), {});
}

struct Held {
  std::ptrdiff_t threads;
  std::ptrdiff_t descriptors;

  static Held now() { return {count_of("/proc/self/task"), count_of("/proc/self/fd")}; }
};

/// Waits until no more is held than at first: a session's connections, and the driver's threads,
/// end soon after it.
Held held_after(const Held& first) {
  const auto patience_ends = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  for (;;) {
    const auto held = Held::now();
    if (held.threads <= first.threads && held.descriptors <= first.descriptors) return held;
    if (std::chrono::steady_clock::now() > patience_ends) return held;
    std::this_thread::yield();
  }
}

long resident_kilobytes() {
  long pages = 0;
  long resident = 0;
  std::ifstream("/proc/self/statm") >> pages >> resident;
  return resident * ::sysconf(_SC_PAGESIZE) / 1024;
}

void run(const std::string& uri, int count) {
  std::mt19937 random(10);  // NOLINT(cert-msc51-cpp): the same each time
  int succeeded = 0;
  std::optional<Held> first;
  for (int life = 1; life <= count; ++life) {
    {
      Life made(uri, random);
      made.run();
      succeeded += made.succeeded();
    }
    if (life % (count / 10) != 0) continue;
    const auto held = first ? held_after(*first) : Held::now();
    first = first.value_or(held);
    std::cout << life << ' ' << held.threads << ' ' << held.descriptors << ' '
              << resident_kilobytes() << ' ' << succeeded << ' ' << life * kCalls - succeeded
              << std::endl;
  }
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 3) throw std::runtime_error("usage: lifetimes URI COUNT (a multiple of 10)");
  run(argv[1], std::stoi(argv[2]));
} catch (const std::exception& error) {
  std::cerr << error.what() << '\n';
  return 1;
}
