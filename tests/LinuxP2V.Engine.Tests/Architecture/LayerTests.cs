using LinuxP2V.Protocol;
using LinuxP2V.Tests.Shared.Architecture;

namespace LinuxP2V.Engine.Tests.Architecture;

/// <summary>Which part of Protocol and Engine may refer to which. All may refer to what stands in the root folder.</summary>
public sealed class LayerTests
{
    private static readonly LayerRules Protocol = new(typeof(ProtocolVersion).Assembly, "LinuxP2V.Protocol")
    {
        "Text",
        "Ssh",
        { "Findings", "Text" },
        "Layout",
        { "Messages", "Layout" },
        { "Shell", "Messages" },
    };

    private static readonly LayerRules Engine = new(typeof(P2VException).Assembly, "LinuxP2V.Engine")
    {
        // Files and folders on each system, and what a failure of the system means.
        "Files",
        { "Failures", "Files" },
        // Where a source is, with which keys and secrets.
        "Access",
        { "Ssh", "Files", "Access" },
        // Reading a source: what is known of it, how that is found out.
        "Sources.Model",
        { "Sources.Probing", "Sources.Model" },
        { "Sources", "Access", "Ssh", "Sources.Model", "Sources.Probing" },
        // Making VMs. The two kinds of destination do not know each other.
        { "Destinations", "Files", "Access" },
        { "Destinations.Local", "Files", "Access", "Destinations" },
        { "Destinations.VSphere.Vim" },
        { "Destinations.VSphere.Policies", "Destinations.VSphere.Vim" },
        { "Destinations.VSphere.Tags", "Destinations.VSphere.Vim" },
        { "Destinations.VSphere.Libraries", "Destinations.VSphere.Vim" },
        {
            "Destinations.VSphere.Inventory",
            "Destinations",
            "Destinations.VSphere.Vim",
            "Destinations.VSphere.Policies",
            "Destinations.VSphere.Libraries"
        },
        {
            "Destinations.VSphere.Images",
            "Destinations",
            "Destinations.VSphere.Vim",
            "Destinations.VSphere.Libraries",
            "Destinations.VSphere.Inventory"
        },
        {
            "Destinations.VSphere.Machines",
            "Destinations",
            "Destinations.VSphere.Vim",
            "Destinations.VSphere.Policies",
            "Destinations.VSphere.Tags",
            "Destinations.VSphere.Libraries",
            "Destinations.VSphere.Inventory",
            "Destinations.VSphere.Images"
        },
        {
            "Destinations.VSphere.Preflight",
            "Destinations",
            "Destinations.VSphere.Vim",
            "Destinations.VSphere.Policies",
            "Destinations.VSphere.Tags",
            "Destinations.VSphere.Libraries",
            "Destinations.VSphere.Inventory",
            "Destinations.VSphere.Images",
            "Destinations.VSphere.Machines"
        },
        {
            "Destinations.VSphere",
            "Access",
            "Destinations",
            "Destinations.VSphere.Vim",
            "Destinations.VSphere.Tags",
            "Destinations.VSphere.Libraries",
            "Destinations.VSphere.Inventory",
            "Destinations.VSphere.Images",
            "Destinations.VSphere.Machines",
            "Destinations.VSphere.Preflight"
        },
        // From facts and wishes to a plan, and what speaks against it. Neither reaches a machine.
        { "Tasks", "Access", "Sources.Model", "Destinations" },
        { "Planning", "Access", "Sources.Model", "Destinations", "Tasks" },
        // Carrying the plan out. Which kind of destination it is stays unknown.
        { "Helpers", "Access", "Ssh", "Destinations" },
        // What the rules for guests say of a task.
        { "Reconfiguration", "Access", "Sources", "Sources.Model", "Destinations", "Tasks" },
        { "Inspection", "Access", "Sources.Model", "Destinations", "Tasks", "Planning", "Reconfiguration" },
        // What came of all that, for people.
        "Reports",
        // Watching a twin of a copy boot.
        { "Rehearsals", "Destinations" },
        { "Conversions", "Files", "Failures", "Access", "Sources", "Destinations", "Tasks", "Helpers", "Reconfiguration", "Rehearsals" },
    };

    [Fact]
    public void ProtocolKeepsItsLayers() => AssertKept(Protocol);

    [Fact]
    public void EngineKeepsItsLayers() => AssertKept(Engine);

    private static void AssertKept(LayerRules rules)
    {
        Assert.Empty(rules.FindUnlisted());
        Assert.Empty(rules.FindCycles());
        Assert.Empty(rules.FindForbidden());
        Assert.Empty(rules.FindUpwardRules());
        Assert.Empty(rules.FindUnusedPermissions());
    }
}
