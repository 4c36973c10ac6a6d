using LinuxP2V.Agent.Reconfigure;
using LinuxP2V.Agent.Session;
using LinuxP2V.Agent.Storage;

namespace LinuxP2V.Agent;

/// <summary>The one place where storage and reconfiguration are put in.</summary>
internal static class Parts
{
    public static ITargetStorage CreateStorage() => new TargetStorage();

    public static IReconfigurer CreateReconfigurer() => new Reconfigurer();
}
