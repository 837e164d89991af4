#pragma once

#include <rust/cxx.h>

#include <cstdint>

namespace bytestore::cassandra::bridge {

struct Credentials;
struct Failure;
struct Rows;
struct Session;
struct Statement;
enum class ReportKind : std::uint8_t;

/// Where the driver crate delivers the outcome of one request. It calls at most one of the two
/// members, at most once, on a thread that drives its runtime, holding no lock that anything but
/// the end of the runtime waits for. A completion that is destroyed without a call belongs to a
/// request that the end of its session cut off.
template <typename Value>
class Completion {
 public:
  Completion() = default;
  Completion(const Completion&) = delete;
  Completion& operator=(const Completion&) = delete;
  virtual ~Completion() = default;

  virtual void succeed(rust::Box<Value> value) noexcept = 0;
  virtual void fail(Failure failure) noexcept = 0;
};

/// What a session asks of whoever made it, and tells them. Called on any threads, several at a
/// time.
class Host {
 public:
  Host() = default;
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;
  virtual ~Host() = default;

  /// One call at a time, on a thread that may block.
  [[nodiscard]] virtual Credentials credentials() const noexcept = 0;
  /// Must not block.
  virtual void report(ReportKind kind, rust::Str message) const noexcept = 0;
};

/// What C++ has a thread of the driver do. Destroyed without being run if the session ends first.
class Task {
 public:
  Task() = default;
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;
  virtual ~Task() = default;

  virtual void run() noexcept = 0;
};

/// A call of C++ that is waited for on the thread that begins it.
class BlockingCall {
 public:
  BlockingCall() = default;
  BlockingCall(const BlockingCall&) = delete;
  BlockingCall& operator=(const BlockingCall&) = delete;

  /// Called once. `drives` tells whether this thread is one of the driver until the call is done.
  virtual void begin(bool drives) noexcept = 0;
  [[nodiscard]] virtual bool is_done() noexcept = 0;

 protected:
  ~BlockingCall() = default;
};

using ConnectCompletion = Completion<Session>;
using PrepareCompletion = Completion<Statement>;
using RowsCompletion = Completion<Rows>;

}  // namespace bytestore::cassandra::bridge
