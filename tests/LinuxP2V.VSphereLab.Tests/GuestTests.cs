using System.Globalization;
using static LinuxP2V.Lab.VSphere.Tests.CreationTests;

namespace LinuxP2V.Lab.VSphere.Tests;

/// <summary>guestinfo and tools, with an agent outside any VM, and with someone who speaks for it.</summary>
[Collection(CallsGroup.Name)]
public sealed class GuestTests(CallsFixture fixture)
{
    private const string Announcement = "guestinfo.linuxp2v.announcement";
    private const string Settings = "guestinfo.linuxp2v.settings";

    [Fact]
    public async Task ExtraConfig_is_merged_and_an_empty_value_deletes()
    {
        using var client = await RawClient.LoginAsync(fixture.Lab);
        var vm = await new VmRecipe("merge") { Settings = "{}" }.CreateAsync(client);

        await ReconfigureAsync(client, vm, VmRecipe.ExtraConfig("guestinfo.a", "1") + VmRecipe.ExtraConfig("guestinfo.b", "2"));
        await ReconfigureAsync(client, vm, VmRecipe.ExtraConfig("guestinfo.a", "3") + VmRecipe.ExtraConfig("guestinfo.b", ""));

        var values = await client.ExtraConfigAsync(vm);
        Assert.Equal(("3", "{}"), (values["guestinfo.a"], values[Settings]));
        Assert.DoesNotContain("guestinfo.b", values);
    }

    [Fact]
    public async Task What_a_guest_says_is_seen_until_its_power_off()
    {
        using var client = await RawClient.LoginAsync(fixture.Lab);
        var vm = await new VmRecipe("says").CreateAsync(client);
        await client.RunAsync("PowerOnVM_Task", vm);
        Assert.Equal("ToolsUnavailable", (await FaultOf(() => client.CallAsync("ShutdownGuest", vm, ""))).Type);
        Assert.Equal("InvalidPowerState", (await FaultOf(() => client.RunAsync("PowerOnVM_Task", vm))).Type);
        Assert.Equal("InvalidPowerState", (await FaultOf(() => client.RunAsync("Destroy_Task", vm))).Type);
        Assert.Equal("InvalidPowerState", (await FaultOf(() => ReconfigureAsync(client, vm, "<memoryMB>2048</memoryMB>"))).Type);

        await fixture.Lab.Control.AnnounceAsync("says", """{"addresses":["192.0.2.7"],"bootId":"x"}""");

        Assert.Contains("192.0.2.7", (await client.ExtraConfigAsync(vm))[Announcement], StringComparison.Ordinal);
        Assert.Equal("192.0.2.7", await client.PropertyAsync(vm, "guest.ipAddress"));
        Assert.Equal("guestToolsRunning", await client.PropertyAsync(vm, "guest.toolsRunningStatus"));
        await client.CallAsync("ShutdownGuest", vm, "");
        Assert.Equal("poweredOff", await client.PropertyAsync(vm, "runtime.powerState"));
        Assert.DoesNotContain(Announcement, await client.ExtraConfigAsync(vm));
        Assert.Equal("", await client.PropertyAsync(vm, "guest.ipAddress"));
        Assert.Equal("InvalidPowerState", (await FaultOf(() => client.RunAsync("PowerOffVM_Task", vm))).Type);
    }

    [Fact]
    public async Task The_boot_order_stays_until_it_is_taken_away()
    {
        using var client = await RawClient.LoginAsync(fixture.Lab);
        var vm = await new VmRecipe("order") { Iso = "none.iso", Firmware = "efi" }.CreateAsync(client);
        async Task<string> OrderAsync() =>
            string.Join(
                ',',
                (await client.PropertiesAsync(vm, "config.bootOptions"))["config.bootOptions"]
                    .Elements()
                    .Where(e => e.Name.LocalName == "bootOrder")
                    .Select(e => e.Attributes().First(a => a.Name.LocalName == "type").Value)
            );

        await ReconfigureAsync(client, vm, "<bootOptions><efiSecureBootEnabled>true</efiSecureBootEnabled></bootOptions>");
        Assert.Equal("VirtualMachineBootOptionsBootableCdromDevice", await OrderAsync());
        await ReconfigureAsync(client, vm, "<bootOptions><bootOrder xsi:type=\"VirtualMachineBootOptionsBootableDevice\"/></bootOptions>");

        Assert.Equal("", await OrderAsync());
        Assert.Equal("true", await client.PropertyAsync(vm, "config.bootOptions.efiSecureBootEnabled"));
        await ReconfigureAsync(
            client,
            vm,
            "<deviceChange><operation>remove</operation><device xsi:type=\"VirtualCdrom\"><key>3000</key></device></deviceChange>"
        );
        Assert.DoesNotContain("none.iso", (await client.PropertyAsync(vm, "config.hardware.device")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_agent_outside_a_VM_stands_for_its_guest_and_ends_with_the_lab()
    {
        var folder = Directory.CreateDirectory(CallsFixture.NewFolder()).FullName;
        // It announces what it was started with, then what it is sent; and powers off when told to finish.
        var agent = Path.Combine(folder, "agent.sh");
        await File.WriteAllTextAsync(
            agent,
            """
            #!/bin/sh
            printf '\nlinuxp2v:{"name":"%s","settings":%s}\n' "$2" "$(cat "$1")"
            while IFS= read -r line; do
              case $line in
                *finish*) printf 'noise linuxp2v:{"isFinished":true}\n'; exit 0 ;;
                linuxp2v:*) printf 'linuxp2v:{"settings":%s}\n' "${line#linuxp2v:}" ;;
              esac
            done
            """
        );
        File.SetUnixFileMode(agent, UnixFileMode.UserRead | UnixFileMode.UserExecute | UnixFileMode.UserWrite);
        int process;
        await using (
            var lab = await VSphereLab.StartAsync(
                new VSphereLabOptions
                {
                    Folder = Path.Combine(folder, "lab"),
                    WithoutQemu = true,
                    AgentCommand = agent,
                    KeepGuestinfo = true,
                    Model = VSphereModel.Esx,
                }
            )
        )
        {
            using var client = await RawClient.LoginAsync(lab);
            var recipe = new VmRecipe("one")
            {
                Settings = """{"n":1}""",
                Datacenter = "ha-datacenter",
                Compute = "localhost.localdomain",
            };
            var (first, second) = (await recipe.CreateAsync(client), await (recipe with { Name = "two" }).CreateAsync(client));
            await client.RunAsync("PowerOnVM_Task", first);
            await client.RunAsync("PowerOnVM_Task", second);
            async Task<bool> Says(string vm, string text) =>
                (await client.ExtraConfigAsync(vm)).TryGetValue(Announcement, out var said)
                && said.Contains(text, StringComparison.Ordinal);

            await FaultInjectionTests.UntilAsync(() => Says(first, """{"name":"one","settings":{"n":1}}"""));
            await ReconfigureAsync(client, first, VmRecipe.ExtraConfig(Settings, """{"n":2}"""));
            await FaultInjectionTests.UntilAsync(() => Says(first, """{"settings":{"n":2}}"""));
            await ReconfigureAsync(client, first, VmRecipe.ExtraConfig(Settings, """{"n":"finish"}"""));
            await FaultInjectionTests.UntilAsync(async () => await client.PropertyAsync(first, "runtime.powerState") == "poweredOff");

            // Kept, as this lab was asked to.
            Assert.True(await Says(first, "isFinished"));
            process = (await lab.Control.StateAsync()).Vm("two").ProcessId;
            Assert.True(IsAlive(process));
        }

        await FaultInjectionTests.UntilAsync(() => Task.FromResult(!IsAlive(process)));
        Directory.Delete(folder, recursive: true);
    }

    internal static bool IsAlive(int process) =>
        File.Exists(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/stat"))
        && !File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{process}/stat"))
            .Contains(") Z", StringComparison.Ordinal);

    private static Task<string> ReconfigureAsync(RawClient client, string vm, string specification) =>
        client.RunAsync("ReconfigVM_Task", vm, $"<spec>{specification}</spec>");
}
