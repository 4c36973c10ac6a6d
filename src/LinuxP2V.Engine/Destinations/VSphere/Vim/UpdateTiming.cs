namespace LinuxP2V.Engine.Destinations.VSphere.Vim;

/// <summary>How often a server is asked for what is waited for, while nothing happens.</summary>
internal sealed record UpdateTiming
{
    /// <summary>How long one waiting request stays with the server.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>After so long everything that is waited for is read, whatever the server told.</summary>
    public TimeSpan ReadingInterval { get; init; } = TimeSpan.FromSeconds(30);
}
