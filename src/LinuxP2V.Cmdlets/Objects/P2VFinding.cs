namespace LinuxP2V.Cmdlets;

/// <summary>Something that would break a conversion or surprise, found before a byte is copied.</summary>
public sealed class P2VFinding
{
    internal P2VFinding(string source, P2VFindingSeverity severity, string id, string subject, string description, string remedy)
    {
        Source = source;
        Severity = severity;
        Id = id;
        Subject = subject;
        Description = description;
        Remedy = remedy;
    }

    /// <summary>The source or task that was tested.</summary>
    public string Source { get; }

    public P2VFindingSeverity Severity { get; }

    public string Id { get; }

    public string Subject { get; }

    public string Description { get; }

    public string Remedy { get; }

    public override string ToString() => Id;
}
