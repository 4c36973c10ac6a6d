namespace LinuxP2V.Lab.Machines;

/// <summary>The process of a machine that boots, and the file that its serial console writes.</summary>
public sealed class BootingMachine(int? processId, string consoleLog)
{
    private const int LinesOfInterest = 12;

    public bool IsRunning => processId is { } id && QemuProcesses.IsRunning(id);

    /// <summary>How long it has waited for a processor of this host.</summary>
    public TimeSpan ProcessorWait => processId is { } id ? Machines.ProcessorWait.Of(id) : TimeSpan.Zero;

    /// <summary>For an error message.</summary>
    public string LastConsoleLines() =>
        File.Exists(consoleLog) ? string.Join('\n', File.ReadLines(consoleLog).TakeLast(LinesOfInterest)) : "";
}
