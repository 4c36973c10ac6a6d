namespace LinuxP2V.Cmdlets;

/// <summary>Something that the reconfiguration will change in the copy, so that it boots.</summary>
public sealed class P2VPlannedChange
{
    internal P2VPlannedChange(string source, string concern, string subject, string what, string why)
    {
        Source = source;
        Concern = concern;
        Subject = subject;
        What = what;
        Why = why;
    }

    /// <summary>The task that was tested.</summary>
    public string Source { get; }

    /// <summary>What it belongs to, such as Fstab or Network.</summary>
    public string Concern { get; }

    /// <summary>The file or device, as the VM will see it.</summary>
    public string Subject { get; }

    public string What { get; }

    public string Why { get; }

    public override string ToString() => $"{Subject}: {What}";
}
