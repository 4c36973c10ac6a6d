using LinuxP2V.Agent.Events;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Verify;

internal static class VerifyFailure
{
    /// <param name="what">Behind a colon: a sentence without its full stop.</param>
    public static AgentException Of(string what, string words) =>
        new(
            ErrorIds.VerificationFailed,
            $"The copy could not be compared with its source: {what}.",
            "See the tool's own words and the helper's log, put it right, and compare again. Nothing was changed.",
            words
        );
}
