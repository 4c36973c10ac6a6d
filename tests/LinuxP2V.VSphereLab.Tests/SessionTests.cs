using System.Net;
using static LinuxP2V.Lab.VSphere.Tests.CreationTests;

namespace LinuxP2V.Lab.VSphere.Tests;

/// <summary>Who is let in, how long, and what a role may.</summary>
[Collection(CallsGroup.Name)]
public sealed class SessionTests(CallsFixture fixture)
{
    [Fact]
    public async Task Without_a_session_nothing_is_answered()
    {
        using var client = await RawClient.LoginAsync(fixture.Lab);
        using var stranger = new RawClient(fixture.Lab);

        var read = await FaultOf(() =>
            stranger.CallAsync(
                "RetrievePropertiesEx",
                client.Manager("propertyCollector"),
                "<specSet><propSet><type>Folder</type></propSet><objectSet>"
                    + "<obj type=\"Folder\">group-d1</obj></objectSet></specSet><options/>"
            )
        );
        using var file = await stranger.GetAsync("any", "datastore1");
        using var upload = await stranger.PutAsync("any", "datastore1", new StringContent("x"));

        Assert.Equal("NotAuthenticated", read.Type);
        Assert.Equal(HttpStatusCode.Unauthorized, file.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, upload.StatusCode);
    }

    [Fact]
    public async Task A_login_needs_the_password_and_a_permission()
    {
        Assert.Equal(
            "InvalidLogin",
            (await FaultOf(() => RawClient.LoginAsync(fixture.Lab, new VSphereLabUser("admin", "wrong", "")))).Type
        );
        Assert.Equal("NoPermission", (await FaultOf(() => RawClient.LoginAsync(fixture.Lab, fixture.Lab.UserWith("NoAccess")))).Type);
        using var half = await RawClient.LoginAsync(fixture.Lab, CallsFixture.WithoutNetwork);
        Assert.NotEmpty(half.SessionKey);
    }

    [Fact]
    public async Task A_session_ends_when_dropped_or_idle_and_can_be_cloned()
    {
        using var client = await RawClient.LoginAsync(fixture.Lab, CallsFixture.WithoutNetwork);
        var ticket = (await client.CallAsync("AcquireCloneTicket", client.Manager("sessionManager"), "")).Value;
        using var clone = new RawClient(fixture.Lab);
        var cloned = await clone.CallAsync("CloneSession", client.Manager("sessionManager"), $"<cloneTicket>{ticket}</cloneTicket>");
        var key = cloned.Elements().First(e => e.Name.LocalName == "key").Value;
        async Task<string> IsActive(RawClient asker) =>
            (
                await asker.CallAsync(
                    "SessionIsActive",
                    client.Manager("sessionManager"),
                    $"<sessionID>{key}</sessionID><userName>{CallsFixture.WithoutNetwork.Name}</userName>"
                )
            ).Value;
        Assert.Equal("true", await IsActive(clone));

        await fixture.Lab.Control.DropSessionsAsync(CallsFixture.WithoutNetwork.Name);

        Assert.Equal("NotAuthenticated", (await FaultOf(() => IsActive(clone))).Type);
        Assert.Equal("NotAuthenticated", (await FaultOf(() => client.FindAsync("Lab"))).Type);

        await client.LoginAsync(CallsFixture.WithoutNetwork);
        Assert.Equal("false", await IsActive(client));
        await fixture.Lab.Control.AdvanceClockAsync(TimeSpan.FromMinutes(31));
        Assert.Equal("NotAuthenticated", (await FaultOf(() => client.FindAsync("Lab"))).Type);
        await client.LoginAsync(CallsFixture.WithoutNetwork);
        var now = DateTime
            .Parse(
                (await client.CallAsync("CurrentTime", "ServiceInstance:ServiceInstance", "")).Value,
                System.Globalization.CultureInfo.InvariantCulture
            )
            .ToUniversalTime();
        Assert.InRange(now - DateTime.UtcNow, TimeSpan.FromMinutes(30), TimeSpan.FromMinutes(40));
    }

    [Fact]
    public async Task A_reader_reads_and_does_nothing_else()
    {
        using var admin = await RawClient.LoginAsync(fixture.Lab);
        using var reader = await RawClient.LoginAsync(fixture.Lab, fixture.Lab.UserWith("ReadOnly"));
        var vm = await new VmRecipe("read").CreateAsync(admin);

        Assert.Equal("read", await reader.PropertyAsync(vm, "name"));
        foreach (
            var (method, privilege) in new[]
            {
                ("PowerOnVM_Task", "VirtualMachine.Interact.PowerOn"),
                ("Destroy_Task", "VirtualMachine.Inventory.Delete"),
            }
        )
        {
            var fault = await FaultOf(() => reader.RunAsync(method, vm));
            Assert.Equal(("NoPermission", privilege), (fault.Type, fault.Field("privilegeId")));
        }

        using var upload = await reader.PutAsync("any", "datastore1", new StringContent("x"));
        Assert.Equal(HttpStatusCode.Forbidden, upload.StatusCode);
    }

    [Fact]
    public async Task A_role_that_lacks_one_privilege_is_told_which()
    {
        using var client = await RawClient.LoginAsync(fixture.Lab, CallsFixture.WithoutNetwork);
        var network = await client.FindAsync("Lab/network/VM Network");

        var fault = await FaultOf(() => new VmRecipe("half").CreateAsync(client));
        var granted = await client.CallAsync(
            "HasPrivilegeOnEntities",
            client.Manager("authorizationManager"),
            $"{RawClient.Reference("entity", network)}<sessionId>{client.SessionKey}</sessionId>"
                + "<privId>Network.Assign</privId><privId>Datastore.AllocateSpace</privId>"
        );
        var all = await client.CallAsync(
            "FetchUserPrivilegeOnEntities",
            client.Manager("authorizationManager"),
            $"{RawClient.Reference("entities", network)}<userName>{CallsFixture.WithoutNetwork.Name}</userName>"
        );

        Assert.Equal(("NoPermission", "Network.Assign"), (fault.Type, fault.Field("privilegeId")));
        Assert.EndsWith(fault.Field("object"), network, StringComparison.Ordinal);
        Assert.Equal(["false", "true"], granted.Descendants().Where(e => e.Name.LocalName == "isGranted").Select(e => e.Value));
        var privileges = all.Elements().Where(e => e.Name.LocalName == "privileges").Select(e => e.Value).ToList();
        Assert.Contains("VirtualMachine.Inventory.Create", privileges);
        Assert.DoesNotContain("Network.Assign", privileges);
    }
}
