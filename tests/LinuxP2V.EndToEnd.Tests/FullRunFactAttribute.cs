namespace LinuxP2V.EndToEnd.Tests;

/// <summary>A test that takes many minutes: it runs when LINUXP2V_E2E is "full", and is counted as skipped otherwise.</summary>
public sealed class FullRunFactAttribute : FactAttribute
{
    public FullRunFactAttribute()
    {
        if (Environment.GetEnvironmentVariable("LINUXP2V_E2E") != "full")
        {
            Skip = "Takes many minutes; LINUXP2V_E2E=full runs it.";
        }
    }
}
