using LinuxP2V.Tests.Shared.Architecture;
using NetArchTest.Rules;

namespace LinuxP2V.Guest.Tests;

/// <summary>Guest knows guests and nothing else, so that every rule can be tried on files alone.</summary>
public sealed class LayerTests
{
    private static readonly LayerRules Guest = new(typeof(GuestPlanner).Assembly, "LinuxP2V.Guest")
    {
        // What is known of a guest.
        "Files",
        "Distributions",
        { "Devices", "Files" },
        "FileSystems",
        { "Images", "Files" },
        { "Reading", "Files", "Images" },
        { "Shell", "Files" },
        { "Kernels", "Files" },
        // What a plan is made of.
        { "Planning", "Files", "Devices", "Kernels" },
        // The rules, a concern each. GuestPlanner, in the root, puts them in order.
        { "Modprobe", "Files", "Kernels", "Planning" },
        { "Storage", "Files", "Devices", "Shell", "Kernels", "Planning" },
        { "CommandLine", "Files", "Devices", "Shell", "Kernels", "Planning", "Storage" },
        { "Initramfs", "Files", "Devices", "Images", "Kernels", "Modprobe", "Planning", "Storage", "CommandLine" },
        { "BootLoaders", "Files", "Devices", "Kernels", "Shell", "Planning", "Storage", "CommandLine" },
        { "KernelChoice", "Files", "Devices", "Kernels", "BootLoaders", "Planning" },
        { "Network", "Files", "Planning" },
        { "Addresses", "Files", "Network", "Planning" },
        { "Services", "Files", "Planning" },
        { "Identity", "Files", "Planning" },
        { "Hooks", "Files", "Planning" },
        // The result, as the boot loader and the system will see it.
        { "Checks", "Files", "Devices", "Images", "Reading", "Kernels", "Initramfs", "Planning", "Storage", "CommandLine", "BootLoaders" },
    };

    [Fact]
    public void Folders_refer_to_each_other_in_one_direction()
    {
        Assert.Empty(Guest.FindUnlisted());
        Assert.Empty(Guest.FindCycles());
        // The root puts the steps in order, so it knows all of them.
        Assert.DoesNotContain(Guest.FindForbidden(), reference => !reference.StartsWith("(root)", StringComparison.Ordinal));
        Assert.Empty(Guest.FindUpwardRules());
        Assert.Empty(Guest.FindUnusedPermissions());
    }

    [Fact]
    public void Nothing_starts_a_program_or_opens_a_connection()
    {
        var result = Types
            .InAssembly(typeof(GuestPlanner).Assembly)
            .Should()
            .NotHaveDependencyOnAny("System.Diagnostics.Process", "System.Net", "LinuxP2V.Engine", "LinuxP2V.Agent")
            .GetResult();
        Assert.Empty(result.FailingTypes.Select(type => type.FullName));
    }
}
