// SPDX-License-Identifier: Apache-2.0
// Directives that are accepted with a notice: what they tune does not exist here, or without them
// the same is answered to the same people. Making one honoured means moving its row.
#include "appserver/config/directives/rows.hpp"

namespace appserver::config {
namespace {

consteval DirectiveRow inert(std::string_view name, std::string_view reason) {
  return base::config::no_effect<Builder>(name, reason);
}

constexpr std::string_view kProcessModel = "processes and threads are arranged differently here.";
constexpr std::string_view kListing = "folder listings are not made.";
constexpr std::string_view kNegotiation = "contents are not negotiated.";
constexpr std::string_view kOnlyWithAuth = "users are not authenticated (AuthType is refused).";
constexpr std::string_view kOnlyWithRewrite =
    "URLs are not rewritten (RewriteEngine On is refused).";
constexpr std::string_view kInterpreter = "the interpreter keeps its default.";
constexpr std::string_view kCompression = "responses are not compressed.";
constexpr std::string_view kNoTelemetry = "metrics are at the admin listener.";

constexpr DirectiveRow kRows[] = {
    inert("AcceptFilter", "the kernel hands over connections as they come."),
    inert("AccessFileName", "no such file is read."),
    inert("AddAlt", kListing),
    inert("AddAltByEncoding", kListing),
    inert("AddAltByType", kListing),
    inert("AddDescription", kListing),
    inert("AddIcon", kListing),
    inert("AddIconByEncoding", kListing),
    inert("AddIconByType", kListing),
    inert("AddLanguage", kNegotiation),
    inert("AddOutputFilterByType", kCompression),
    inert("AuthBasicAuthoritative", kOnlyWithAuth),
    inert("AuthBasicProvider", kOnlyWithAuth),
    inert("AuthDigestProvider", kOnlyWithAuth),
    inert("AuthGroupFile", kOnlyWithAuth),
    inert("AuthName", kOnlyWithAuth),
    inert("AuthUserFile", kOnlyWithAuth),
    inert("CacheNegotiatedDocs", kNegotiation),
    inert("CGIVar", "there are no CGI programs."),
    inert("CoreDumpDirectory", "the system decides where core files go."),
    inert("DefaultIcon", kListing),
    inert("DefaultLanguage", kNegotiation),
    inert("DefaultRuntimeDir", "nothing is kept there."),
    inert("DeflateCompressionLevel", kCompression),
    inert("DeflateFilterNote", kCompression),
    inert("EnableExceptionHook", kProcessModel),
    inert("EnableMMAP", "files are sent by the kernel."),
    inert("EnableSendfile", "files are sent by the kernel."),
    inert("ErrorLogFormat", "messages have one form."),
    inert("ExtendedStatus", "the admin listener shows the status."),
    inert("FileETag", "every file has an ETag of its time and size."),
    inert("ForceLanguagePriority", kNegotiation),
    inert("HeaderName", kListing),
    inert("HostnameLookups", "names of clients are not looked up."),
    inert("IndexHeadInsert", kListing),
    inert("IndexIgnore", kListing),
    inert("IndexIgnoreReset", kListing),
    inert("IndexOptions", kListing),
    inert("IndexOrderDefault", kListing),
    inert("IndexStyleSheet", kListing),
    inert("LanguagePriority", kNegotiation),
    inert("LimitInternalRecursion", "requests are not redirected internally."),
    inert("LimitRequestFields", "the limits of a request head are fixed."),
    inert("LimitRequestFieldSize", "the limits of a request head are fixed."),
    inert("LimitRequestLine", "the limits of a request head are fixed."),
    inert("LimitXMLRequestBody", "no request body is parsed."),
    inert("ListenBacklog", "the system's limit is used."),
    inert("LoadFile", "nothing is loaded."),
    inert("LockFile", kProcessModel),
    inert("MaxClients", kProcessModel),
    inert("MaxConnectionsPerChild", kProcessModel),
    inert("MaxMemFree", kProcessModel),
    inert("MaxRangeOverlaps", "ranges are limited by their number."),
    inert("MaxRangeReversals", "ranges are limited by their number."),
    inert("MaxRanges", "ranges are limited by their number."),
    inert("MaxRequestsPerChild", kProcessModel),
    inert("MaxRequestWorkers", kProcessModel),
    inert("MaxSpareServers", kProcessModel),
    inert("MaxSpareThreads", kProcessModel),
    inert("MimeMagicFile", "types are not guessed from content."),
    inert("MinSpareServers", kProcessModel),
    inert("MinSpareThreads", kProcessModel),
    inert("MultiviewsMatch", kNegotiation),
    inert("Mutex", kProcessModel),
    inert("NameVirtualHost", "hosts are told apart by name anyway."),
    inert("PidFile", "the supervisor is the process that was started."),
    inert("ReadmeName", kListing),
    inert("RegexDefaultOptions", "expressions have their usual meaning."),
    inert("RewriteBase", kOnlyWithRewrite),
    inert("RewriteCond", kOnlyWithRewrite),
    inert("RewriteLog", kOnlyWithRewrite),
    inert("RewriteLogLevel", kOnlyWithRewrite),
    inert("RewriteMap", kOnlyWithRewrite),
    inert("RewriteOptions", kOnlyWithRewrite),
    inert("RewriteRule", kOnlyWithRewrite),
    inert("ScoreBoardFile", kProcessModel),
    inert("SeeRequestTail", "the admin listener shows the status."),
    inert("ServerLimit", kProcessModel),
    inert("ServerSignature", "error pages carry no signature."),
    inert("ServerTokens", "the Server header is fixed."),
    inert("SSLOptions", "the application sees HTTPS, and what the proxy tells."),
    inert("SSLUserName", "client certificates name no user."),
    inert("StartServers", kProcessModel),
    inert("StartThreads", kProcessModel),
    inert("ThreadLimit", kProcessModel),
    inert("ThreadsPerChild", kProcessModel),
    inert("ThreadStackSize", kProcessModel),
    inert("WSGIAcceptMutex", "no lock guards the daemons' queue."),
    inert("WSGICaseSensitivity", "file names differ by case."),
    inert("WSGIDestroyInterpreter", kInterpreter),
    inert("WSGIDontWriteBytecode", kInterpreter),
    inert("WSGIEnableSendfile", "files of daemons are always passed on as descriptors."),
    inert("WSGIFreeThreading", kInterpreter),
    inert("WSGIGroupAuthoritative", kOnlyWithAuth),
    inert("WSGIIgnoreActivity", "processes are not replaced for being idle."),
    inert("WSGIImportScript", "the script is loaded by its first request."),
    inert("WSGIMapHEADToGET", "the application sees HEAD as it was asked."),
    inert("WSGIPassApacheRequest", "there is no Apache request to pass."),
    inert("WSGIPerInterpreterGIL", kInterpreter),
    inert("WSGIPythonEggs", kInterpreter),
    inert("WSGIPythonHashSeed", kInterpreter),
    inert("WSGIPythonOptimize", kInterpreter),
    inert("WSGIPythonWarnings", kInterpreter),
    inert("WSGIRestrictSignal", kInterpreter),
    inert("WSGIRestrictStdin", kInterpreter),
    inert("WSGIRestrictStdout", kInterpreter),
    inert("WSGIServerMetrics", kNoTelemetry),
    inert("WSGISlowRequests", kNoTelemetry),
    inert("WSGISocketPrefix", "the channel to the daemons has no name on disk."),
    inert("WSGISocketRotation", "the channel to the daemons has no name on disk."),
    inert("WSGISwitchInterval", kInterpreter),
    inert("WSGITelemetryOptions", kNoTelemetry),
    inert("WSGITelemetryService", kNoTelemetry),
    inert("WSGIVerboseDebugging", "LogLevel decides what is written."),
};
static_assert(base::config::well_formed(kRows));

}  // namespace

std::span<const DirectiveRow> inert_rows() {
  return kRows;
}

}  // namespace appserver::config
