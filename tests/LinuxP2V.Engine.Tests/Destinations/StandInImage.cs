using System.Buffers.Binary;
using System.Text;

namespace LinuxP2V.Engine.Tests.Destinations;

/// <summary>
/// Boot code in the place of a helper or an operating system: small enough to see that the right disk was booted and
/// that the serial port carries lines both ways.
/// </summary>
internal static class StandInImage
{
    /// <summary>Makes the stand-in helper say its last word and power off. No engine ever sends it.</summary>
    public const byte FinishSignal = 0x04;

    private const int Sector = 2048;
    private const int Origin = 0x7C00;

    /// <summary>
    /// A CD that says <paramref name="announcement"/> as it boots and to each line feed on the second serial port, and to
    /// <see cref="FinishSignal"/> <paramref name="lastWord"/> and power-off.
    /// </summary>
    public static byte[] HelperCd(string announcement, string lastWord)
    {
        var first = Encoding.ASCII.GetBytes(announcement + "\n\0");
        var last = Encoding.ASCII.GetBytes(lastWord + "\n\0");
        const int Texts = 96;
        var firstAt = Origin + Texts;
        var lastAt = firstAt + first.Length;
        byte[] code =
        [
            0x31,
            0xC0,
            0x8E,
            0xD8,
            0x8E,
            0xD0,
            0xBC,
            0x00,
            0x7C,
            0xFC, // 00 xor ax,ax; mov ds,ax; mov ss,ax; mov sp,7c00; cld
            0xEB,
            0x14, // as if asked, once: jmp to "mov si,first"; the offsets below are without these two bytes
            0xBA,
            0xFD,
            0x02,
            0xEC,
            0xA8,
            0x01,
            0x74,
            0xF8, // 0a wait: mov dx,2fd; in al,dx; test al,1; jz wait
            0xBA,
            0xF8,
            0x02,
            0xEC, // 12 mov dx,2f8; in al,dx
            0x3C,
            FinishSignal,
            0x74,
            0x0C, // 16 cmp al,finish; je 26
            0x3C,
            0x0A,
            0x75,
            0xEC, // 1a cmp al,lf; jne wait
            0xBE,
            (byte)firstAt,
            (byte)(firstAt >> 8),
            0xE8,
            0x12,
            0x00,
            0xEB,
            0xE4, // 1e mov si,first; call 36; jmp wait(0a)
            0xBE,
            (byte)lastAt,
            (byte)(lastAt >> 8),
            0xE8,
            0x0A,
            0x00, // 26 mov si,last; call 36
            0xBA,
            0x04,
            0x06,
            0xB8,
            0x00,
            0x20,
            0xEF,
            0xF4, // 2c mov dx,604; mov ax,2000; out dx,ax; hlt
            0x90,
            0x90, // 34
            0xAC,
            0x84,
            0xC0,
            0x74,
            0x12, // 36 lodsb; test al,al; jz 4d
            0x88,
            0xC4,
            0xBA,
            0xFD,
            0x02,
            0xEC,
            0xA8,
            0x20,
            0x74,
            0xFB, // 3b mov ah,al; mov dx,2fd; 40: in al,dx; test al,20; jz 40
            0x88,
            0xE0,
            0xBA,
            0xF8,
            0x02,
            0xEE,
            0xEB,
            0xE9, // 45 mov al,ah; mov dx,2f8; out dx,al; jmp 36
            0xC3, // 4d ret
        ];

        var image = new byte[(20 * Sector) + Math.Max(2 * Sector, Sector + Texts + first.Length + last.Length)];
        WriteVolume(image);
        code.CopyTo(image, 20 * Sector);
        first.CopyTo(image, (20 * Sector) + Texts);
        last.CopyTo(image, (20 * Sector) + Texts + first.Length);
        return image;
    }

    /// <summary>A disk whose boot sector writes <paramref name="text"/> to the first serial port.</summary>
    public static byte[] BootDisk(string text, long size)
    {
        byte[] code =
        [
            0x31,
            0xC0,
            0x8E,
            0xD8,
            0xFC, // 00 xor ax,ax; mov ds,ax; cld
            0xBE,
            0x30,
            0x7C, // 05 mov si,7c30
            0xAC,
            0x84,
            0xC0,
            0x74,
            0x12, // 08 lodsb; test al,al; jz 1f
            0x88,
            0xC4,
            0xBA,
            0xFD,
            0x03,
            0xEC,
            0xA8,
            0x20,
            0x74,
            0xFB, // 0d mov ah,al; mov dx,3fd; 12: in al,dx; test al,20; jz 12
            0x88,
            0xE0,
            0xBA,
            0xF8,
            0x03,
            0xEE,
            0xEB,
            0xE9, // 17 mov al,ah; mov dx,3f8; out dx,al; jmp 08
            0xF4,
            0xEB,
            0xFD, // 1f hlt; jmp 1f
        ];
        var image = new byte[size];
        code.CopyTo(image, 0);
        Encoding.ASCII.GetBytes(text + "\n\0").CopyTo(image, 0x30);
        image[510] = 0x55;
        image[511] = 0xAA;
        return image;
    }

    /// <summary>ISO 9660 and El Torito, as much as a BIOS reads.</summary>
    private static void WriteVolume(byte[] image)
    {
        Descriptor(16, 1);
        Descriptor(17, 0);
        Encoding.ASCII.GetBytes("EL TORITO SPECIFICATION").CopyTo(image, (17 * Sector) + 7);
        BinaryPrimitives.WriteUInt32LittleEndian(image.AsSpan((17 * Sector) + 0x47), 19);
        Descriptor(18, 255);

        var catalog = image.AsSpan(19 * Sector);
        catalog[0] = 1;
        catalog[0x1E] = 0x55;
        catalog[0x1F] = 0xAA;
        BinaryPrimitives.WriteUInt16LittleEndian(catalog[0x1C..], unchecked((ushort)-(0x0001 + 0xAA55)));
        catalog[0x20] = 0x88;
        BinaryPrimitives.WriteUInt16LittleEndian(catalog[0x26..], 4);
        BinaryPrimitives.WriteUInt32LittleEndian(catalog[0x28..], 20);

        void Descriptor(int sector, byte type)
        {
            image[sector * Sector] = type;
            Encoding.ASCII.GetBytes("CD001").CopyTo(image, (sector * Sector) + 1);
            image[(sector * Sector) + 6] = 1;
        }
    }
}
