#include <fmt/format.h>

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "cli/folder_writer.hpp"
#include "cli/key_rules.hpp"
#include "cli/progress.hpp"
#include "cli/read_pace.hpp"
#include "cli/text.hpp"
#include "cli/verbs/verbs.hpp"

namespace bytestore::cli {
namespace {

class Export {
 public:
  Export(const Context& context, ByteStore& store, FolderWriter& folder, std::string prefix,
         const Amount& total)
      : context_(context),
        store_(store),
        folder_(folder),
        prefix_(std::move(prefix)),
        progress_(context.console, "file", total),
        tally_(context.console, "read") {}

  /// Writes every key with the prefix, until a signal arrives, and reports what was done.
  void run() {
    try {
      remove_abandoned_files();
      refused_ += for_each_key(context_, store_, prefix_, [this](const std::string& key) {
        take(key);
        return true;
      });
      write_group();
      sync();
    } catch (const Interrupted&) {
      throw Interrupted(summary() + "; not yet all on disk");
    } catch (const Failure& failure) {
      if (failure.code() != ExitCode::no_store) context_.console.say(summary());
      throw;
    } catch (const Error& error) {
      const auto code = exit_code_of(error.code(), written_.items);
      if (code != ExitCode::no_store) context_.console.say(summary());
      throw Failure(code, error.what());
    }
    context_.console.say(summary());
  }

  [[nodiscard]] bool all_written() const noexcept { return not_exported() == 0; }

 private:
  [[nodiscard]] std::string summary() const;
  void remove_abandoned_files();
  void take(const std::string& key);
  void write_group();
  void write_file(const std::string& key, const Bytes& value);
  void refuse(const std::string& key, std::string_view problem);
  void sync();
  [[nodiscard]] std::uint64_t not_exported() const noexcept { return refused_ + tally_.failed(); }

  const Context& context_;
  ByteStore& store_;
  FolderWriter& folder_;
  std::string prefix_;
  Progress progress_;
  std::chrono::steady_clock::time_point begun_ = std::chrono::steady_clock::now();
  std::vector<std::string> group_;
  ReadPace pace_;
  Amount written_;
  Tally tally_;
  std::uint64_t refused_ = 0;
  std::uint64_t removed_ = 0;
};

void Export::remove_abandoned_files() {
  try {
    removed_ = folder_.remove_abandoned_files(context_.interrupt);
  } catch (const FileError& error) {
    throw Failure(ExitCode::usage, fmt::format("cannot read the folder: {}", error.what()));
  }
}

void Export::take(const std::string& key) {
  if (context_.interrupt.requested()) throw Interrupted();
  if (const auto problem = path_problem(std::string_view(key).substr(prefix_.size()))) {
    return refuse(key, *problem);
  }
  group_.push_back(key);
  if (group_.size() >= pace_.keys()) write_group();
}

void Export::write_group() {
  const auto keys = std::exchange(group_, {});
  const auto reading = read_keys(context_, store_, keys, tally_);
  pace_.adapt(reading.largest);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const auto& value = reading.values[i];
    if (value) write_file(keys[i], *value);
  }
}

void Export::write_file(const std::string& key, const Bytes& value) {
  if (context_.interrupt.requested()) throw Interrupted();
  try {
    folder_.write(std::string_view(key).substr(prefix_.size()), value.view(), context_.interrupt);
  } catch (const FileError& error) {
    return refuse(key, error.what());
  }
  ++written_.items;
  written_.bytes += value.size();
  progress_.update(written_);
}

void Export::refuse(const std::string& key, std::string_view problem) {
  context_.console.complain(fmt::format("not exported {}: {}", in_quotes(key), problem));
  ++refused_;
}

void Export::sync() {
  try {
    folder_.sync();
  } catch (const FileError& error) {
    throw Failure(ExitCode::some_failed,
                  fmt::format("cannot write the files to disk: {}", error.what()));
  }
}

std::string Export::summary() const {
  const Seconds elapsed = std::chrono::steady_clock::now() - begun_;
  auto text =
      fmt::format("exported {}, {} in {:.1f} s ({})", counted(written_.items, "file"),
                  size_text(written_.bytes), elapsed.count(), rate_text(written_.bytes, elapsed));
  if (!all_written()) text += fmt::format("; {} not exported", counted(not_exported(), "key"));
  if (removed_ > 0) {
    text += fmt::format("; {} of an earlier export removed", counted(removed_, "unfinished file"));
  }
  return text;
}

}  // namespace

ExitCode export_tree(const Context& context, const TreeArguments& arguments) {
  const auto store = context.open_existing();
  FolderWriter folder(arguments.folder, store_folder(context.uri));
  Amount total;
  if (context.console.is_terminal()) {
    total.items = count_keys(context, *store, arguments.prefix).usable;
  }
  Export tree(context, *store, folder, arguments.prefix, total);
  tree.run();
  return tree.all_written() ? ExitCode::done : ExitCode::some_failed;
}

}  // namespace bytestore::cli
