using LinuxP2V.Protocol.Shell;

namespace LinuxP2V.Agent.Streams;

/// <summary>Lets commands on the source stand behind everything else there, as far as it has the tools.</summary>
internal static class SourcePriority
{
    /// <returns>Wraps a script; null when the source has neither nice nor ionice.</returns>
    public static Func<string, string>? Lowest(SourceTools tools)
    {
        List<string> prefix = [];
        if (tools.HasProgram(SourceTools.Nice))
            prefix.AddRange(["nice", "-n", "19"]);

        if (tools.HasProgram(SourceTools.Ionice))
            prefix.AddRange(["ionice", "-c", "3"]);

        return prefix.Count == 0 ? null : script => PosixShell.Join(["exec", .. prefix, "sh", "-c", script]);
    }
}
