#pragma once

#include <memory>
#include <utility>

#include "cassandra/driver/types.hpp"
#include "core/backend.hpp"

namespace bytestore::cassandra {

/// A sink of the driver that owns itself while its request is in flight: from `give_away` on, until
/// it has dealt with the answer.
template <typename Answer>
class SelfOwned : public core::Sink<Result<Answer>> {
 public:
  SelfOwned() = default;
  SelfOwned(const SelfOwned&) = delete;
  SelfOwned& operator=(const SelfOwned&) = delete;
  virtual ~SelfOwned() = default;

  void done(Result<Answer> result) noexcept final {
    const std::unique_ptr<SelfOwned> self(this);
    answered(std::move(result));
  }

 private:
  /// Once. The sink is destroyed when this returns.
  virtual void answered(Result<Answer> result) noexcept = 0;
};

/// `ask()` makes the request whose sink `sink` is, and which may be answered at once. If it throws,
/// the sink is still the caller's.
template <typename Sink, typename Ask>
void give_away(std::unique_ptr<Sink>& sink, const Ask& ask) {
  ask();
  static_cast<void>(sink.release());  // `done` has it now
}

/// Makes a request by `ask(sink)`, and calls `answered` once with its answer; what that holds lives
/// until it returns. What `ask` throws goes on to the caller, and `answered` is never called then.
template <typename Answer, typename Ask, typename Answered>
void ask_once(const Ask& ask, Answered answered) {
  class Calling final : public SelfOwned<Answer> {
   public:
    explicit Calling(Answered function) : function_(std::move(function)) {}

   private:
    void answered(Result<Answer> result) noexcept override { function_(std::move(result)); }

    Answered function_;
  };
  auto sink = std::make_unique<Calling>(std::move(answered));
  give_away(sink, [&] { ask(*sink); });
}

}  // namespace bytestore::cassandra
