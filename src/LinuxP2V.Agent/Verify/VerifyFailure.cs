using LinuxP2V.Agent.Events;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Verify;

internal static class VerifyFailure
{
    /// <param name="what">Behind a colon: a sentence without its full stop.</param>
    public static AgentException Of(string what, string errorOutput) =>
        new(
            ErrorIds.VerificationFailed,
            $"The copy could not be compared with its source: {what}.",
            "Read the tool's output and the helper's log, remove the cause, and compare again. Nothing was changed.",
            errorOutput
        );
}
