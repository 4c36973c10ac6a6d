using System.ComponentModel;
using System.Diagnostics;
using LinuxP2V.Agent.Events;
using LinuxP2V.Protocol.Messages;

namespace LinuxP2V.Agent.Platform;

/// <summary>The one place where the agent starts a program of the helper.</summary>
internal static class ProcessStarter
{
    /// <exception cref="AgentException">AgentFailed: there is no such program in the helper.</exception>
    public static Process Start(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception exception)
        {
            throw new AgentException(
                ErrorIds.AgentFailed,
                $"The helper could not run {Path.GetFileName(start.FileName)}.",
                "The helper image is damaged or of another version: build it anew or download it again.",
                exception.Message
            );
        }
    }
}
