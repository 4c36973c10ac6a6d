using System.Management.Automation;
using LinuxP2V.Tests.Shared.Architecture;
using NetArchTest.Rules;

namespace LinuxP2V.Cmdlets.Tests.Architecture;

/// <summary>Which part of the module may refer to which. All may refer to the public objects, the root namespace.</summary>
public sealed class LayerTests
{
    private static readonly LayerRules Cmdlets = new(typeof(P2VSource).Assembly, "LinuxP2V.Cmdlets")
    {
        // Beside PowerShell and beside PowerCLI, neither of which knows of our engine.
        "Loading",
        "PowerCli",
        "EngineAccess",
        { "Session", "PowerCli", "EngineAccess" },
        { "Mapping", "EngineAccess", "Session" },
        { "Watching", "EngineAccess", "Session", "Mapping" },
        { "Pipeline", "Loading", "PowerCli", "EngineAccess", "Session", "Mapping", "Watching" },
        { "Commands", "EngineAccess", "Session", "Mapping", "Watching", "Pipeline" },
    };

    [Fact]
    public void CmdletsKeepTheirLayers()
    {
        Assert.Empty(Cmdlets.FindUnlisted());
        Assert.Empty(Cmdlets.FindCycles());
        Assert.Empty(Cmdlets.FindForbidden());
        Assert.Empty(Cmdlets.FindUpwardRules());
        Assert.Empty(Cmdlets.FindUnusedPermissions());
    }

    /// <summary>Format views, exported tasks and users' scripts name these types: they have one namespace, whatever their folder.</summary>
    [Fact]
    public void ObjectsThatScriptsSeeStandInTheRootNamespace()
    {
        var objects = Types
            .InAssembly(typeof(P2VSource).Assembly)
            .That()
            .ArePublic()
            .And()
            .HaveNameStartingWith("P2V")
            .And()
            .DoNotInherit<Cmdlet>();
        Assert.NotEmpty(objects.GetTypes());
        Assert.Empty(
            objects.Should().ResideInNamespaceMatching("^LinuxP2V.Cmdlets$").GetResult().FailingTypes.Select(type => type.FullName)
        );
    }
}
