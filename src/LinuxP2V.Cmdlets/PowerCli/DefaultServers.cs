using System.Collections;
using System.Management.Automation;

namespace LinuxP2V.Cmdlets.PowerCli;

/// <summary>The open connections that PowerCLI keeps in its global variables.</summary>
internal static class DefaultServers
{
    /// <summary>On the pipeline thread only.</summary>
    public static IReadOnlyList<VIServerShape> Read(PSVariableIntrinsics variables) =>
        [
            .. Items(variables.GetValue("global:DefaultVIServers"))
                .Concat(Items(variables.GetValue("global:DefaultVIServer")))
                .Select(VIServerShape.Read)
                .OfType<VIServerShape>()
                .Where(server => server.IsConnected)
                .GroupBy(server => (server.Name.ToUpperInvariant(), server.Port))
                .Select(same => same.First()),
        ];

    private static IEnumerable<PSObject> Items(object? value) =>
        ((value as PSObject)?.BaseObject ?? value) switch
        {
            null => [],
            IList list => list.Cast<object?>().OfType<object>().Select(PSObject.AsPSObject),
            _ => [PSObject.AsPSObject(value)],
        };
}
