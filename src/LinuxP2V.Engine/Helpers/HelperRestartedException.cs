namespace LinuxP2V.Engine.Helpers;

/// <summary>The helper booted anew in mid-conversion: what it knew is gone, what it wrote is there.</summary>
internal sealed class HelperRestartedException : Exception
{
    public HelperRestartedException()
        : base("The helper restarted.")
    {
    }
}
