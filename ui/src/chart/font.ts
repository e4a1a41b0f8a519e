/** The font of the page; a canvas inherits none. */
export const font = "'Inter', 'Noto Sans Arabic', sans-serif";
