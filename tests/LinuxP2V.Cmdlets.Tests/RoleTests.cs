using System.Reflection;
using LinuxP2V.Cmdlets.Tests.Support;
using LinuxP2V.Engine.Destinations;

namespace LinuxP2V.Cmdlets.Tests;

/// <summary>The role that the documentation gives must hold what the engine asks for, and no more than it says.</summary>
public sealed class RoleTests(TestShell shell) : IClassFixture<TestShell>
{
    private static readonly string[] Optional =
    [
        "ContentLibrary.ReadStorage",
        "Cryptographer.Access",
        "Cryptographer.EncryptNew",
        "Global.ManageCustomFields",
        "Global.SetCustomField",
        "Host.Config.SystemManagement",
        "InventoryService.Tagging.AttachTag",
        "StorageProfile.View",
    ];

    private static string Docs => Path.Combine(Staged.HelpFolder, "..");

    [Fact]
    public void TheRoleHasThePrivilegesThatAreChecked()
    {
        var made = shell.Run(
            """
            function Get-VIPrivilege { param([string[]] $Id) $Id }
            function New-VIRole { param($Name, $Privilege) [pscustomobject]@{ Name = $Name; Privilege = $Privilege } }
            $role = & $script
            $role.Name
            $role.Privilege
            """,
            ("script", Path.GetFullPath(Path.Combine(Docs, "examples", "new-linuxp2v-role.ps1")))
        );
        Assert.Empty(made.Errors);
        var names = made.Output.Select(o => o.ToString()).ToList();
        Assert.Equal("LinuxP2V", names[0]);
        Assert.Equal(Checked().Concat(Optional).Order(), names.Skip(1).Order());
    }

    [Fact]
    public void ThePageSaysWhereEachCounts()
    {
        var rows = File.ReadAllLines(Path.Combine(Docs, "vsphere.md"))
            .Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .ToList();
        Assert.All(
            Checked().Concat(Optional),
            privilege => Assert.Contains(rows, row => row.Contains($"`{privilege}`", StringComparison.Ordinal))
        );
    }

    /// <summary>All lists of the check, however many it has.</summary>
    private static List<string> Checked()
    {
        var check = typeof(IDestination).Assembly.GetType(
            "LinuxP2V.Engine.Destinations.VSphere.Preflight.PrivilegeCheck",
            throwOnError: true
        )!;
        var lists = check
            .GetFields(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public)
            .Select(f => f.GetValue(null))
            .OfType<IEnumerable<string>>();
        var privileges = lists.SelectMany(l => l).Distinct().ToList();
        Assert.True(privileges.Count > 10);
        return privileges;
    }
}
