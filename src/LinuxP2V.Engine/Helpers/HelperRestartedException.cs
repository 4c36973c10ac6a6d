namespace LinuxP2V.Engine.Helpers;

/// <summary>The helper booted anew in mid-conversion: what it knew is gone, what it wrote is there.</summary>
internal class HelperRestartedException : Exception
{
    public HelperRestartedException()
        : this("The helper restarted.") { }

    protected HelperRestartedException(string message)
        : base(message) { }

    /// <summary>The engine itself powered the VM off: nothing is amiss with the helper or its host.</summary>
    public bool IsOurDoing { get; init; }
}

/// <summary>
/// The helper started the source's services again while it was alone: the last pass of a cutover is void, and it is driven
/// anew as after a restart.
/// </summary>
internal sealed class ServicesReleasedException : HelperRestartedException
{
    public ServicesReleasedException()
        : base("The helper started the source's services again.") { }
}
